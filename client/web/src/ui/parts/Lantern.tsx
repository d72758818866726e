/** The lantern: Lyhty's mark. It says nothing to a screen reader; the name stands beside it. */
export function Lantern({ className = 'lantern' }: { className?: string }) {
    return (
        <svg class={className} viewBox="0 0 48 64" aria-hidden="true" focusable="false">
            <path class="lantern-frame" d="M17 13a7 7 0 0 1 14 0" fill="none" stroke-width="3" stroke-linecap="round" />
            <path class="lantern-frame solid" d="M13 20l5-6h12l5 6z" stroke-width="2" stroke-linejoin="round" />
            <rect class="lantern-glass" x="12" y="20" width="24" height="32" rx="5" />
            <path class="lantern-flame" d="M24 26c5 5.5 6.5 8.6 6.5 12.2a6.5 6.5 0 0 1-13 0C17.500 34.600 19 31.500 24 26z" />
            <path class="lantern-core" d="M24 35c2 2.400 2.800 3.800 2.800 5.300a2.800 2.800 0 0 1-5.600 0c0-1.500.8-2.900 2.800-5.300z" />
            <path class="lantern-frame" d="M12 25v22M36 25v22" fill="none" stroke-width="3" stroke-linecap="round" />
            <rect class="lantern-frame solid" x="9" y="51" width="30" height="7" rx="3.500" stroke-width="0" />
        </svg>
    )
}
