import { reactive, readonly } from 'vue'
import type { CodeName } from '@/api/types'
import { readStored, writeStored } from '@/lib/storage'

const KEY = 'preferences'

export type PrivacyChoice = 'agreed' | 'browse'

interface Preferences {
  elder: boolean
  region: CodeName | null
  /** What was chosen at the first start, and for which version of the privacy policy. */
  privacy: { choice: PrivacyChoice; version: string } | null
}

const state = reactive<Preferences>(read())

function read(): Preferences {
  return { elder: false, region: null, privacy: null, ...(readStored<Partial<Preferences>>(KEY) ?? {}) }
}

/** Read again what another tab of the browser has written. */
function reload(): void {
  Object.assign(state, read())
}

function save(): void {
  writeStored(KEY, { elder: state.elder, region: state.region, privacy: state.privacy })
}

function setElder(on: boolean): void {
  state.elder = on
  save()
}

function setRegion(region: CodeName): void {
  state.region = { code: region.code, name: region.name }
  save()
}

function setPrivacy(choice: PrivacyChoice, version: string): void {
  state.privacy = { choice, version }
  save()
}

function dropPrivacy(): void {
  state.privacy = null
  save()
}

/** What this device remembers about how to show things; one state for all pages. */
export function usePreferences() {
  return { state: readonly(state), setElder, setRegion, setPrivacy, dropPrivacy, reload }
}
