/** Queues as words: the queue itself, and the profession of who works in it. */
import { LAWYER } from '../places'

export const queueKey = (queue: number): 'console.queues.lawyer' | 'console.queues.psychologist' => (
    queue === LAWYER ? 'console.queues.lawyer' : 'console.queues.psychologist'
)

export const professionKey = (queue: number): 'console.people.lawyer' | 'console.people.psychologist' => (
    queue === LAWYER ? 'console.people.lawyer' : 'console.people.psychologist'
)
