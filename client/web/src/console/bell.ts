/** The desk's bell: two soft tones, made here, so that nothing has to be fetched for them. */
const TONES_HZ = [659, 880] as const
const APART_S = 0.13
const LASTS_S = 0.7
const LOUDNESS = 0.05

export function createBell(): () => void {
    let sound: AudioContext | null = null
    return () => {
        // Made at the first ring: before anybody has touched the page a browser lets none sound.
        sound ??= new AudioContext()
        void sound.resume()
        TONES_HZ.forEach((tone_hz, nth) => sound !== null && ring(sound, tone_hz, sound.currentTime + nth * APART_S))
    }
}

function ring(sound: AudioContext, tone_hz: number, begins_s: number): void {
    const tone = new OscillatorNode(sound, { type: 'sine', frequency: tone_hz })
    const loudness = new GainNode(sound, { gain: 0 })
    loudness.gain.setValueAtTime(0, begins_s)
    loudness.gain.linearRampToValueAtTime(LOUDNESS, begins_s + 0.02)
    loudness.gain.exponentialRampToValueAtTime(0.0001, begins_s + LASTS_S)
    tone.connect(loudness).connect(sound.destination)
    tone.start(begins_s)
    tone.stop(begins_s + LASTS_S)
}
