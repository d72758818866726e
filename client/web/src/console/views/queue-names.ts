/** Queues as words: by whose they are. */
import { LAWYER } from '../places'

export const queueKey = (queue: number): 'console.people.lawyer' | 'console.people.psychologist' => (
    queue === LAWYER ? 'console.people.lawyer' : 'console.people.psychologist'
)
