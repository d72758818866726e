/** Two soft tones for a new message, made in code. It is on while the page is open and the person wants it; nothing is kept. */
const TONES_HZ = [659.3, 880] as const
const TONE_S = 0.35
/** Quieter than speech in the same room. */
const LOUDNESS = 0.04

export class Bell {
    #audio: AudioContext | null = null

    get isOn(): boolean {
        return this.#audio !== null
    }

    /** In answer to a press: browsers let a page sound only then. */
    turn(on: boolean): void {
        if (on === this.isOn) return
        void this.#audio?.close()
        this.#audio = on ? new AudioContext() : null
    }

    ring(): void {
        const audio = this.#audio
        if (audio === null) return
        TONES_HZ.forEach((hz, nth) => {
            const begin = audio.currentTime + nth * (TONE_S / 2)
            const loudness = audio.createGain()
            loudness.gain.setValueAtTime(0, begin)
            loudness.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.03)
            loudness.gain.exponentialRampToValueAtTime(0.0001, begin + TONE_S)
            const tone = audio.createOscillator()
            tone.frequency.value = hz
            tone.connect(loudness).connect(audio.destination)
            tone.start(begin)
            tone.stop(begin + TONE_S)
        })
    }
}
