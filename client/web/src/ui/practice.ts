/** Which two of the eight are asked back, and among which pictures: pure, the randomness comes in. */

export interface Question {
    /** Position in the phrase, from 0. */
    readonly position: number
    readonly choices: readonly number[]
}

/** A whole number from 0 up to, but not including, `below`. */
export type Draw = (below: number) => number

const QUESTIONS = 2
const CHOICES = 6
/** So many wrong choices come from the phrase itself: the order is practiced too. */
const FROM_PHRASE = 2

function takeSome<Item>(items: readonly Item[], count: number, draw: Draw): Item[] {
    const left = [...items]
    return Array.from({ length: Math.min(count, left.length) }, () => left.splice(draw(left.length), 1)).flat()
}

/** Two questions in reading order; the right picture stands once among six different ones. */
export function drawQuestions(phrase: readonly number[], pictures: number, draw: Draw): readonly Question[] {
    const positions = takeSome(phrase.map((_, position) => position), QUESTIONS, draw).sort((a, b) => a - b)
    const strangers = Array.from({ length: pictures }, (_, index) => index).filter((index) => !phrase.includes(index))
    return positions.map((position) => {
        const right = phrase[position] as number
        const own = takeSome([...new Set(phrase)].filter((index) => index !== right), FROM_PHRASE, draw)
        const others = takeSome(strangers, CHOICES - 1 - own.length, draw)
        return { position, choices: takeSome([right, ...own, ...others], CHOICES, draw) }
    })
}
