/**
 * What the reporter's screens may ask of the session, and what they are told.
 *
 * The screens hold no keys and know no protocol; the session holds no DOM. Nothing here is ever
 * written to the device.
 */
import type { ErrorCode } from "@lyhty/crypto/codes"
import type { AnswerContent, HelpedContent } from "@lyhty/crypto/contents"
import type { Hours } from "@lyhty/crypto/hours"
import type { Copying } from "./copies.ts"
import type { Opening } from "./openings.ts"

export type Language = "fi-simple" | "fi" | "sv" | "en"
export type Topic =
  | "bullying" | "threats" | "picture-shared" | "blackmail" | "adult-contact" | "fake-profile"
  | "account-taken" | "scam" | "disturbing" | "left-out" | "other"
export type Service =
  | "tiktok" | "snapchat" | "whatsapp" | "instagram" | "discord" | "roblox" | "youtube" | "telegram"
  | "fortnite" | "minecraft" | "steam" | "jodel" | "wilma" | "other"
export type Device = "own" | "school" | "shared"
export type Help = "lawyer" | "psychologist" | "both" | "unknown"
export type Role = "pupil" | "staff"
export type Age = "7-9" | "10-12" | "13-15" | "16-18" | "adult"
export type Profession = "lawyer" | "psychologist"
export type AnswerPart = "did-right" | "legal" | "now" | "protect" | "first-aid" | "tell" | "look-again"

/** What the person has filled in so far; lives in memory only. */
export interface Draft {
  readonly text: string
  readonly topic: Topic | null
  readonly services: readonly Service[]
  readonly role: Role | null
  readonly age: Age | null
  readonly device: Device | null
  readonly inDanger: "yes" | "no" | "not-sure" | null
  readonly help: Help | null
  /** From the poster's address, until the person takes it away. SPEC 5.4 */
  readonly school: string | null
  readonly language: Language
}

/** An answer in two layers: lines and things to tick on top, its parts and the legal assessment below. */
export type ShownAnswer = Pick<AnswerContent, "type" | "parts" | "plain" | "ticks" | "assessment">

/** `from-here`: only what is written after the answer. */
export type Consent = "all" | "from-here" | "no"

/** An expert asks whether another profession may help; `question` names it in the answer. */
export interface ShownAsk {
  readonly type: "ask"
  readonly profession: Profession
  readonly text: string
  readonly question: string
  readonly answer: Consent | null
  /** Whether that profession has no part in the case yet, and can be let in. */
  readonly canAnswer: boolean
}

/** Whether the answer helped: the question that stands in the answer `answerId`, and what was tapped. SPEC 4.8 */
export interface HelpedView {
  readonly asked: HelpedContent["asked"]
  readonly answerId: string
  readonly answer: HelpedContent["answer"] | null
  /** `leaving` while it can be changed. */
  readonly state: "open" | "leaving" | "sending" | "failed" | "sent"
}

/** One message as a screen shows it. `at` is seconds since 1970 by its author's clock. */
export interface ShownMessage {
  readonly key: string
  readonly author: "reporter" | "expert"
  readonly expertName: string | null
  readonly profession: Profession | null
  readonly at: number
  /**
   * Own ones: `leaving` while they can be taken back, `waiting` for the connection, `held-up` while the server cannot store, `sending`, `sent` (the server has it), `delivered` and `read` by an
   * expert, as their signed heads say. Those of others: `received`.
   */
  readonly state: "leaving" | "waiting" | "held-up" | "sending" | "sent" | "delivered" | "read" | "received"
  /** Until when it can be taken back. */
  readonly leavesAtMs: number | null
  /** How far a message of several slots has left. */
  readonly left: { readonly done: number; readonly total: number } | null
  /** An expert's message that no device of this person has said to have read. */
  readonly isNew: boolean
  readonly content:
    | { readonly type: "report" | "chat"; readonly text: string }
    | ShownAnswer
    /** From here on the conversation has another key. */
    | { readonly type: "turn" }
    | ShownAsk
    /** What the person said to a question; `profession`: who was asked for, if that is loaded. */
    | { readonly type: "consent"; readonly what: Consent; readonly profession: Profession | null }
}

/** `waiting-again`: whoever had the case could not go on. */
export interface Place { readonly profession: Profession; readonly state: "waiting" | "waiting-again" | "held" | "closed" }

export interface CaseView {
  readonly state: "waiting" | "held" | "closed"
  readonly places: readonly Place[]
  /** In which hour since 1970 the case came, and whether somebody may be in danger; null: not known. */
  readonly opened: { readonly hour: number; readonly urgent: boolean } | null
  /** Who of those who hold the case is at a desk now. */
  readonly here: readonly Profession[]
  readonly messages: readonly ShownMessage[]
  /** Who has opened it, oldest first; of what has been loaded. */
  readonly openings: readonly Opening[]
  /** Null: there is nothing to ask. */
  readonly helped: HelpedView | null
  /** Alarms such as `history-gap`; the messages that could be verified are still shown. */
  readonly alarms: readonly ErrorCode[]
  /**
   * Older messages are still coming, or null. Until then each message shown is verified by itself, but not yet that none
   * is missing before the oldest of them.
   */
  readonly older: { readonly percent: number; readonly secondsLeft: number } | null
}

/** Given to one role alone. */
export interface Slip { readonly id: string; readonly queue: number; readonly text: string }

/** Progress in words: the screen says "Sending 2 of 6". Units are slots of the channel, and parts of 16 of the work. */
export interface Progress { readonly stage: "deriving" | "sealing" | "working" | "sending" | "opening" | "receiving"; readonly done: number; readonly total: number }

/** `full`: the server has no room for one more page; it is tried again. */
export type Connection = "connecting" | "open" | "lost" | "full"

/** Thrown by every session call; `code` has three sentences in every language. */
export interface SessionError extends Error { readonly code: ErrorCode }

export interface ReporterSession {
  /** Opens the channel and verifies the directory: called once, on the first page, by everyone. Rejects with a stop code. */
  start(): Promise<void>
  readonly slotMs: () => number
  /** Opening hours and promises, once everybody's page has fetched them. */
  readonly hours: () => Hours | null
  onConnection(listener: (connection: Connection) => void): () => void
  /** Told when this device's clock differs from the server's by more than 30 minutes. */
  onClockOff(listener: () => void): () => void

  /** Eight fresh picture indices, drawn here; the only copy is what the screen shows. */
  drawPhrase(): readonly number[]
  /** Derives, seals and sends the report; resolves only after the server's durable acknowledgement. Safe to call again after a rejection: the same sealed bytes are resent. */
  sendReport(draft: Draft, phrase: readonly number[], onProgress: (progress: Progress) => void): Promise<void>
  /** Comes back with the phrase. Rejects with `mailbox-unknown`, `connection-lost`, ... */
  resume(phrase: readonly number[], onProgress: (progress: Progress) => void): Promise<void>

  /** The open case, after sendReport or resume. Called at once and after every change. */
  onCase(listener: (view: CaseView) => void): () => void
  /**
   * Leaves after the time to take it back; nothing is sealed before. Resolves after the durable acknowledgement, or when
   * it was taken back. Survives a reconnect. What the server could not store this time stays,
   * shown as `failed`; after any other refusal the caller still has the text.
   */
  sendChat(text: string): Promise<void>
  /** Takes back what has not left yet: the words as they were typed, or null if it is too late. */
  undo(key: string): string | null
  /** Lets it leave at once, and whatever was said before it. */
  sendNow(key: string): void
  /** Answers whether another profession may help. A yes cannot be taken back; a no may become a yes. */
  answerAsk(question: string, what: Consent): Promise<void>
  /** Whether the answer helped. It can be said otherwise until it leaves. */
  sayHelped(answer: NonNullable<HelpedView["answer"]>): void
  /** Whether the newest message of an expert is before the person's eyes. */
  onScreen(isOn: boolean): void
  /** Loads older messages if there are any. Resolves to whether more remain. */
  loadOlder(): Promise<boolean>
  /** What was given to one role alone and not taken back. */
  slips(): Promise<readonly Slip[]>
  /** Gives a name or a number to one queue alone. Resolves after the durable acknowledgement. */
  giveSlip(text: string, queue: number): Promise<void>
  /** Takes it back: it and its key are gone from the server. What has been read has been read. */
  takeBackSlip(id: string): Promise<void>
  /** What it takes to make a copy of the open case, or to read one; the code that does it follows the first load. */
  copying(): Promise<Copying>
  /** Erases the case on the server, at once and for ever. */
  erase(): Promise<void>
  /** Forgets keys, drafts and texts held in memory. The channel stays: everybody has one. */
  forget(): void
}
