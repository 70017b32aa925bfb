import { computed, reactive, readonly } from 'vue'
import type { Device, Level, LevelAnswer, Me, Tokens } from '@/api/types'
import { dropStored, readStored, writeStored } from '@/lib/storage'
import { deviceName, platformName, randomKey } from '@/lib/device'

const TOKENS = 'tokens'
const PERSON = 'person'
const DEVICE = 'device-key'
/** The last known home page, wallets and licences of them, how they are laid out, and credentials with their keys. */
export const KEPT_HOME = 'kept-home'
export const KEPT_WALLET = 'kept-wallet'
export const KEPT_CREDENTIALS = 'kept-credentials'
export const KEPT_DETAILS = 'kept-details'
export const KEPT_ARRANGEMENTS = 'kept-arrangements'
export const KEPT_FACES = 'kept-faces'
export const KEPT_ENTERPRISES = 'kept-enterprises'
const KEPT = [KEPT_HOME, KEPT_WALLET, KEPT_CREDENTIALS, KEPT_DETAILS, KEPT_ARRANGEMENTS, KEPT_FACES, KEPT_ENTERPRISES]

/** Where the picture of a licence lies. */
export function faceKey(licenceId: string): string {
  return `kept-face.${licenceId}`
}

export interface StoredTokens {
  access: string
  refresh: string
  /** Epoch milliseconds after which the access token is not worth sending. */
  accessUntil: number
}

interface State {
  tokens: StoredTokens | null
  person: Me | null
}

const state = reactive<State>({
  tokens: readStored<StoredTokens>(TOKENS),
  person: readStored<Me>(PERSON),
})

/** Take the tokens of a log-in or a refresh, and the person they stand for. */
function accept(tokens: Tokens): void {
  state.tokens = {
    access: tokens.access_token,
    refresh: tokens.refresh_token,
    accessUntil: Date.now() + tokens.access_expires_in * 1000,
  }
  writeStored(TOKENS, state.tokens)
  setPerson(tokens.person)
}

function setPerson(person: Me): void {
  state.person = person
  writeStored(PERSON, person)
}

/** Take over a level that was reached, and the account that it may have led to. */
function reach(answer: LevelAnswer): void {
  if (answer.tokens) accept(answer.tokens)
  else setPerson(answer.person)
}

/** Forget the session on this device. The gateway is told by whoever calls this. */
function clear(): void {
  state.tokens = null
  state.person = null
  dropStored(TOKENS)
  dropStored(PERSON)
  // What is kept for the time without a network goes with its owner.
  const faces = readStored<{ items: { id: string }[] }>(KEPT_FACES)
  for (const { id } of faces?.items ?? []) dropStored(faceKey(id))
  for (const key of KEPT) dropStored(key)
}

/** Read again what another tab of the browser has written. */
function reload(): void {
  state.tokens = readStored<StoredTokens>(TOKENS)
  state.person = readStored<Me>(PERSON)
}

/** This device, for the list of devices. The key is made once and says nothing about its owner. */
async function device(): Promise<Device> {
  let key = readStored<string>(DEVICE)
  if (!key) {
    key = await randomKey()
    writeStored(DEVICE, key)
  }
  return { key, name: deviceName(), platform: platformName() }
}

const loggedIn = computed(() => state.tokens !== null)
const level = computed<Level | null>(() => (state.tokens ? (state.person?.level ?? 0) : null))

/** Who is logged in on this device; one state for all pages. */
export function useSession() {
  return { state: readonly(state), loggedIn, level, accept, reach, setPerson, clear, reload, device }
}
