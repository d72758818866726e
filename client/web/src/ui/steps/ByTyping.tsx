/** Typing or pasting the phrase: each word turns into its picture; a doubtful one is asked about. */
import { withWord, type TypedWord } from '../entry'
import { Announcer } from '../parts/Announcer'
import { Button } from '../parts/Button'
import { Picture } from '../parts/Picture'
import { TextField } from '../parts/TextField'
import { useWords } from '../parts/words'
import { wordOf } from '../pictures'

export function ByTyping({ typed, words, onType }: { typed: string; words: readonly TypedWord[]; onType: (text: string) => void }) {
    const { t, language } = useWords()
    const doubtful = words.map((word, nth) => ({ ...word, nth })).filter(({ ended, match }) => ended && !('index' in match))
    return (
        <div class="card stack">
            <TextField
                name="phrase" label={t('continue.typeLabel')} hint={t('continue.pasteHint')} value={typed} many rows={3} capitalize={false}
                onInput={onType} invalid={doubtful.length > 0}
            />
            <Announcer shown>
                {doubtful.map(({ text, match, nth }) => (
                    <div key={nth} class="card lit stack tight" data-doubt={match.kind}>
                        {match.kind !== 'ask'
                            ? <p>{t('continue.unknownWord', { word: text })}</p>
                            : match.candidates.map(([index]) => (
                                <div class="row" key={index}>
                                    <Picture index={index} />
                                    <span>{t('continue.didYouMean', { word: wordOf(index, language) })}</span>
                                    <Button action="use-word" onPress={() => onType(withWord(words, nth, wordOf(index, language)))}>
                                        {t('continue.useWord', { word: wordOf(index, language) })}
                                    </Button>
                                </div>
                            ))}
                    </div>
                ))}
            </Announcer>
        </div>
    )
}
