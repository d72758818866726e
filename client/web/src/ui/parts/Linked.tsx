/** A sentence whose help numbers can be tapped: whoever reads "call 112" must not have to remember it. */
const NUMBERS = /(0800 96 116|116 111|112)/

/** The address that calls the number in a text. */
export const telOf = (text: string): string => `tel:${text.replace(/\D/g, '')}`

export function Linked({ text }: { text: string }) {
    return <>{text.split(NUMBERS).map((part, nth) => (NUMBERS.test(part) ? <a key={nth} href={telOf(part)}>{part}</a> : part))}</>
}
