/** Showing licences (亮证), looking at those of others, and the log of who looked. */
import type { CodeName, Hue, Page } from './types'
import type { NamedField } from './sharingTypes'

/** Of whom the holder is asked on the phone first. */
export type ConfirmRule = 'never' | 'strangers' | 'always'

/** Something that can be shown by itself; a predicate is a yes or no in place of a fact. */
export interface Fact extends NamedField {
  sensitive: boolean
  predicate: boolean
}

export interface Offer {
  licence_id: string
  facts: Fact[]
  required_level: number
  confirm: ConfirmRule
}

/** A code for the screen; times in seconds. */
export interface ShownCode {
  code: string
  /** What the QR code says. */
  text: string
  expires_in: number
  renew_after: number
  shows: Fact[]
  confirm: ConfirmRule
}

/** An SD-JWT VC with all its disclosures, bound to a key of this phone. */
export interface CredentialAnswer {
  credential: string
  facts: Fact[]
  expires_at: string
  renew_after: string
}

export interface CodeState {
  state: 'live' | 'used' | 'gone'
}

export type VerifierKind = 'system' | 'person' | 'public'

/** A look that waits for the holder's word. */
export interface ShowRequest {
  id: string
  licence_id: string
  type_name: string
  verifier: { kind: VerifierKind; name: string }
  purpose: string
  fields: Fact[]
  expires_at: string
}

/** One look at a licence, as its holder reads it. */
export interface Usage {
  id: string
  at: string
  licence_id: string
  licence_type: CodeName
  verifier_kind: VerifierKind
  verifier: string
  purpose: string
  fields: NamedField[]
  how: string
  how_label: string
  grant_id: string | null
}

/** What somebody finds wrong with a look, and what became of it. */
export interface Complaint {
  id: string
  usage_id: string
  text: string
  state: 'open' | 'answered'
  answer: string | null
  created_at: string
  answered_at: string | null
}

export type UsagePage = Page<Usage>

/** What a verifier gets: everything that was agreed, or word that the holder is asked. */
export interface ScanResult {
  state: 'shown' | 'waiting'
  licence?: { type_code: string; type_name: string; authority: string; status: string; status_label: string; as_of: string }
  fields?: { name: string; label: string; value: string | boolean }[]
  receipt?: { id: string; at: string; signed: string }
  token?: string
  expires_in?: number
}

/** How a person has laid a wallet out: ids of licences. */
export interface Arrangement {
  order: string[]
  favourites: string[]
}

/** A licence that one could have, and how one gets it. */
export interface Obtainable {
  type_code: string
  name: string
  issuer: string
  hotline: string
  hue: Hue
  words: string
  item: { id: string; name: string } | null
  /** Its issuer does not answer; perhaps one has it. */
  unsure: boolean
}
