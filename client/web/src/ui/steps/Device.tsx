/** Whose device is this? A page cannot find out who watches the screen, so it says so. */
import type { Device as DeviceKind } from '../../session/types'
import { Announcer } from '../parts/Announcer'
import { Choice } from '../parts/Choice'
import { StepFrame } from '../parts/StepFrame'
import { useWords } from '../parts/words'
import type { StepProps } from './flow'

const DEVICES: readonly DeviceKind[] = ['own', 'school', 'shared']

export function Device({ state, dispatch, onNext, onBack }: StepProps) {
    const { t } = useWords()
    const { device } = state.draft
    const watched = device === 'school' || device === 'shared'
    return (
        <StepFrame
            step="device" title={t('device.title')} intro={t('device.intro')} onBack={onBack} onNext={onNext}
            nextOff={device === null} next={t(watched ? 'device.goOnAnyway' : 'common.next')}
        >
            <Choice
                legend={t('device.title')} legendHidden chosen={device === null ? [] : [device]}
                options={DEVICES.map((value) => ({
                    value, label: <><strong>{t(`device.${value}`)}</strong><br /><span class="soft small">{t(`device.${value}Hint`)}</span></>,
                }))}
                onChoose={(value) => dispatch({ type: 'fill', part: { device: value } })}
            />
            <Announcer shown>
                {watched && (
                    <div class="card lit stack tight">
                        <p><strong>{t(`device.${device}NoticeTitle`)}</strong></p>
                        <p>{t(`device.${device}Notice`)}</p>
                    </div>
                )}
            </Announcer>
        </StepFrame>
    )
}
