/** An evening by a lake with one lantern burning: decoration only. */
import type { ComponentChildren } from 'preact'

const SPRUCE = 'M0 0l9 20h-5l8 16h-6l9 18H-15l9-18h-6l8-16h-5z'
const TREES: readonly (readonly [x: number, y: number, size: number])[] = [
    [28, 128, 1.25], [58, 138, 1], [88, 130, 1.4], [122, 146, .9], [640, 140, 1], [672, 126, 1.5], [710, 136, 1.15], [748, 122, 1.6], [780, 138, 1.1],
]
const STARS: readonly (readonly [x: number, y: number, radius: number])[] = [
    [70, 40, 1.4], [150, 76, 1], [228, 30, 1.6], [310, 64, 1], [470, 82, 1.5], [548, 40, 1], [618, 70, 1.3], [700, 30, 1.5], [760, 74, 1],
]

export function Landscape() {
    return (
        <svg class="landscape" viewBox="0 0 800 260" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
            <defs>
                <radialGradient id="glow">
                    <stop class="glow-in" offset="0" />
                    <stop class="glow-out" offset="1" />
                </radialGradient>
            </defs>
            <g class="stars">{STARS.map(([x, y, radius]) => <circle key={x} cx={x} cy={y} r={radius} />)}</g>
            <path class="hill far" d="M0 150c90-42 150-30 230-12s150-42 250-34 130 44 320 10v146H0z" />
            <path class="lake" d="M0 186h800v74H0z" />
            <path class="hill near" d="M0 168c70-14 120-6 178 10 40 11 20 14-20 16H0zM800 160c-70-12-140-2-210 16-44 11-26 17 20 18h190z" />
            <g class="trees">
                {TREES.map(([x, y, size]) => <path key={x} d={SPRUCE} transform={`translate(${x} ${y}) scale(${size})`} />)}
            </g>
            <path class="ripple" d="M352 206h96M340 220h120M362 234h76M376 247h48" />
            <circle class="glow" cx="400" cy="168" r="112" fill="url(#glow)" />
            <path class="jetty" d="M318 194h164v6H318zM330 200h5v14h-5zM465 200h5v14h-5z" />
            <g transform="translate(376 130)">
                <path class="lantern-frame" d="M17 13a7 7 0 0 1 14 0" fill="none" stroke-width="3" stroke-linecap="round" />
                <path class="lantern-frame solid" d="M13 20l5-6h12l5 6z" />
                <rect class="lantern-glass" x="12" y="20" width="24" height="32" rx="5" />
                <path class="lantern-flame" d="M24 26c5 5.500 6.500 8.600 6.500 12.200a6.500 6.500 0 0 1-13 0C17.500 34.600 19 31.500 24 26z" />
                <path class="lantern-frame" d="M12 25v22M36 25v22" fill="none" stroke-width="3" stroke-linecap="round" />
                <rect class="lantern-frame solid" x="9" y="51" width="30" height="12" rx="3.500" />
            </g>
        </svg>
    )
}

/** A heading in the evening: for the moments that are about waiting or being done. */
export function Scene({ children }: { children: ComponentChildren }) {
    return (
        <div class="hero scene">
            <Landscape />
            <div class="hero-words">{children}</div>
        </div>
    )
}
