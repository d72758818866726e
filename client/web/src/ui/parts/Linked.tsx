/** A sentence whose help numbers can be tapped: whoever reads "call 112" must not have to remember it. */
const NUMBERS = /(116 111|112)/

export function Linked({ text }: { text: string }) {
    return <>{text.split(NUMBERS).map((part, nth) => (NUMBERS.test(part) ? <a key={nth} href={`tel:${part.replace(' ', '')}`}>{part}</a> : part))}</>
}
