/** Shared vectors without sealing: identifiers, encodings, derivations, contents, error codes. */
import { extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe } from 'vitest'
import { concat } from '../bytes.ts'
import { CLIENT_CODES, codeOfNumber } from '../codes.ts'
import { decodeContent, encodeContent } from '../contents.ts'
import type { Content } from '../contents.ts'
import { CONTEXT_FIELDS, contextsOf } from '../contexts.ts'
import { b64decode, b64encode, canonicalJson, parseCanonicalJson } from '../encoding.ts'
import type { Json } from '../encoding.ts'
import { EXPERT_CONTEXT_FIELDS } from '../expertContexts.ts'
import { accountName, deviceSecret, draftKey, openKeySeeds, passwordInput, sealKeyBlob, unlock } from '../experts.ts'
import { viewerId, viewerName } from '../viewers.ts'
import { decodeHours, isOpen, opensAt, promisedUntil } from '../hours.ts'
import {
    asCaseId,
    asCommitment,
    asHead,
    asExpertId,
    asInstanceId,
    asKemKey,
    asSignKey,
    caseId,
    commitmentOf,
    instanceId,
    mailboxId,
    tombstone,
} from '../ids.ts'
import { expand, SigningKey } from '../keys.ts'
import { openPasskeyBlob, passkeySealKey, prfInput, sealPasskeyBlob } from '../passkeys.ts'
import { phraseInput, reporterKeys } from '../passphrase.ts'
import { utf8 } from '../platform.ts'
import { toProveErase, toProveOpen, toProveResume, toProveSignIn } from '../proofs.ts'
import { stretch } from '../stretching.ts'
import { signInPurpose, signInTerms } from '../work.ts'
import { runVectors } from './vectors.ts'
import type { Fields, Inputs } from './vectors.ts'

const ALL_FIELDS = { ...CONTEXT_FIELDS, ...EXPERT_CONTEXT_FIELDS }
type ContextLabel = keyof typeof ALL_FIELDS
const anyContext = contextsOf<ContextLabel>(ALL_FIELDS)

describe('identifiers', () =>
    runVectors('ids.json', {
        'context': (the) => ({ bytes: anyContext(the.text('label') as ContextLabel, ...the.byteList('fields')) }),
        'instance-id': (the) => ({ id: instanceId(the.bytes('root')) }),
        'mailbox-id': (the) => ({ id: mailboxId(asSignKey(the.bytes('auth_pk'))) }),
        'commitment': (the) => ({ commitment: commitmentOf(the.bytes('key')) }),
        'case-id': (the) => ({ id: caseId(asSignKey(the.bytes('sign_pk')), asCommitment(the.bytes('commitment'))) }),
        'tombstone': (the) => ({ tombstone: tombstone(asCaseId(the.bytes('case'))) }),
        'to-prove-open': (the) => ({
            bytes: toProveOpen(asInstanceId(the.bytes('instance')), the.bytes('nonce'), the.bytes('after_proof')),
        }),
        'to-prove-resume': (the) => ({ bytes: toProveResume(asInstanceId(the.bytes('instance')), the.bytes('nonce')) }),
        'to-prove-erase': (the) => ({
            bytes: toProveErase(asInstanceId(the.bytes('instance')), asCaseId(the.bytes('case'))),
        }),
        'to-prove-sign-in': (the) => ({
            bytes: toProveSignIn(asInstanceId(the.bytes('instance')), the.bytes('challenge'), the.text('name')),
        }),
        'sign-in-purpose': (the) => ({
            purpose: signInPurpose(asInstanceId(new Uint8Array(32)), the.bytes('challenge'), the.text('name')).caseId,
            challenge: signInTerms(the.bytes('challenge'), 1).challenge,
        }),
        'account-name': (the) => ({ name: accountName(the.text('typed')) }),
        'viewer-name': (the) => ({ name: viewerName(the.text('typed')) }),
        'viewer-id': (the) => ({ id: viewerId(asInstanceId(the.bytes('instance')), the.bytes('secret')) }),
    }))

describe('opening hours', () =>
    runVectors('hours.json', {
        hours: (the) => {
            const { openings, promiseS, urgentS, zone, keepDays } = decodeHours(the.bytes('document'))
            return { open: openings, promise_s: promiseS, urgent_s: urgentS, zone, keep_days: keepDays }
        },
        promised: (the) => ({
            until: promisedUntil(decodeHours(the.bytes('document')), the.number('opened_hour'), the.fields['urgent'] === true),
        }),
        open: (the) => {
            const hours = decodeHours(the.bytes('document'))
            return { is_open: isOpen(hours, the.number('at')), opens: opensAt(hours, the.number('at')) }
        },
    }))

describe('canonical JSON and base64url', () =>
    runVectors('canonical_json.json', {
        encode: (the) => ({ bytes: canonicalJson(the.fields['value'] as Json) }),
        parse: (the) => ({ value: parseCanonicalJson(the.bytes('bytes')) }),
        b64decode: (the) => {
            const bytes = b64decode(the.text('text'))
            if (b64encode(bytes) !== the.text('text')) throw new Error('encoding it again gives another text')
            return { bytes }
        },
    }))

/** The wire's names and forms for what the TypeScript types name their own way. */
const contentOf = (value: Fields): Content => {
    const { asked, first_words: firstWords, commitment, kem, ...rest } = value
    return {
        ...rest,
        ...(firstWords === undefined ? {} : { firstWords }),
        ...(commitment === undefined ? {} : { commitment: asCommitment(b64decode(commitment as string)) }),
        ...(asked === undefined ? {} : { asked: value['type'] === 'helped' ? asked : asHead(b64decode(asked as string)) }),
        ...(kem === undefined ? {} : { kem: kem === null ? null : asKemKey(b64decode(kem as string)) }),
    } as unknown as Content
}

describe('contents', () =>
    runVectors('contents.json', {
        decode: (the) => ({
            value: JSON.parse(new TextDecoder().decode(encodeContent(decodeContent(utf8(the.text('text')))))) as Fields,
        }),
        encode: (the) => ({ bytes: encodeContent(contentOf(the.fields['value'] as Fields)) }),
    }))

describe('error codes', () =>
    runVectors('codes.json', {
        'code': (the) => ({ code: codeOfNumber(the.number('number')) }),
        // Their order is the file's, which has nothing else to find them by.
        'client-code': (() => {
            const codes = [...CLIENT_CODES]
            return () => ({ code: codes.shift() })
        })(),
    }))

describe('the phrase', () =>
    runVectors('phrase.json', {
        derive: async (the) => {
            const root = await stretch(phraseInput(the.bytes('phrase'), asInstanceId(the.bytes('instance'))))
            const salt = the.bytes('case_salt')
            const keys = reporterKeys(root, salt)
            return {
                root,
                auth_seed: expand(root, anyContext('reporter-auth')),
                auth_pk: keys.auth.publicKey,
                mailbox: mailboxId(keys.auth.publicKey),
                sign_seed: expand(root, anyContext('reporter-sign', salt)),
                sign_pk: keys.sign.publicKey,
                kem_seed: keys.kem.seed(),
                kem_pk: keys.kem.publicKey,
                wrap_key: keys.wrap,
            }
        },
    }))

const stretched = (the: Inputs): Promise<Uint8Array> =>
    stretch(
        passwordInput(the.text('password'), the.bytes('salt'), the.number('m_kib'), the.number('t'), the.number('p')),
    )
const unlocked = (the: Inputs): ReturnType<typeof unlock> =>
    unlock(the.bytes('stretched'), deviceSecret(the.text('device_secret')), asInstanceId(the.bytes('instance')))

const passkeyKey = (the: Inputs): Uint8Array =>
    passkeySealKey(the.bytes('prf_output'), asInstanceId(the.bytes('instance')))

describe('an expert unlocks', () =>
    runVectors('expert_unlock.json', {
        'unlock': async (the) => {
            const key = await stretched(the)
            const instance = asInstanceId(the.bytes('instance'))
            const secret = deviceSecret(the.text('device_secret'))
            const { login, seal } = unlock(key, secret, instance)
            const loginSeed = expand(
                extract(sha256, concat(key, secret), anyContext('expert-unlock', instance)),
                anyContext('expert-login'),
            )
            return { stretched: key, login_seed: loginSeed, login_pk: login.publicKey, seal_key: seal }
        },
        'stretch': async (the) => ({ stretched: await stretched(the) }),
        'seal-key-blob': async (the) => ({
            blob: await sealKeyBlob(
                unlocked(the).seal,
                asInstanceId(the.bytes('instance')),
                asExpertId(the.bytes('expert')),
                the.bytes('sign_seed'),
                the.bytes('kem_seed'),
                () => the.bytes('nonce'),
            ),
        }),
        'open-key-blob': async (the) => {
            const seeds = await openKeySeeds(
                unlocked(the).seal,
                asInstanceId(the.bytes('instance')),
                asExpertId(the.bytes('expert')),
                the.bytes('blob'),
            )
            return { sign_seed: seeds.signSeed, kem_seed: seeds.kemSeed, draft_key: draftKey(seeds.signSeed) }
        },
        'prf-input': (the) => ({ input: prfInput(asInstanceId(the.bytes('instance'))) }),
        'passkey-seal-key': (the) => ({ key: passkeyKey(the) }),
        'seal-passkey-blob': async (the) => ({
            blob: await sealPasskeyBlob(
                passkeyKey(the),
                asInstanceId(the.bytes('instance')),
                asExpertId(the.bytes('expert')),
                the.bytes('credential'),
                { signSeed: the.bytes('sign_seed'), kemSeed: the.bytes('kem_seed') },
                () => the.bytes('nonce'),
            ),
        }),
        'open-passkey-blob': async (the) => {
            const seeds = await openPasskeyBlob(
                passkeyKey(the),
                asInstanceId(the.bytes('instance')),
                asExpertId(the.bytes('expert')),
                the.bytes('credential'),
                the.bytes('blob'),
            )
            return { sign_seed: seeds.signSeed, kem_seed: seeds.kemSeed }
        },
        'sign-in': (the) => ({
            proof: new SigningKey(the.bytes('login_seed')).sign(
                toProveSignIn(asInstanceId(the.bytes('instance')), the.bytes('challenge'), the.text('name')),
            ),
        }),
    }))
