/** Lending licences (用证授权), families, and copies for a purpose (加注件). */
import type { NamedField } from './sharingTypes'

export type LoanState = 'invited' | 'active' | 'used_up' | 'expired' | 'revoked' | 'returned'

/** A loan, as either side sees it; names are masked. */
export interface Loan {
  id: string
  licence_id: string
  type_code: string
  type_name: string
  owner: string
  grantee_kind: 'person' | 'company' | 'system' | 'invitation'
  grantee: string
  purpose: string
  fields: NamedField[]
  times: number
  used: number
  /** The first moment at which it holds no more. */
  ends_at: string
  state: LoanState
  state_label: string
  created_at: string
  /** The code to hand over; given once, when it was just made. */
  invitation: string | null
}

/** A department's system that something can be lent to. */
export interface LendSystem {
  code: string
  name: string
}

/** A company in business that something can be lent to. */
export interface LendCompany {
  uscc: string
  name: string
}

/** What a use of a loan gives. */
export interface LoanUse {
  receipt_id: string
  at: string
  type_code: string
  type_name: string
  authority: string
  status: string
  status_label: string
  as_of: string
  fields: { name: string; label: string; value: string | boolean }[]
  left: number
}

/** `carried`: the caller carries theirs. `carrier`: they carry the caller's. */
export interface Member {
  id: string
  kind: 'child' | 'relative'
  role: 'carried' | 'carrier'
  /** Masked; empty while nobody has accepted. */
  name: string
  state: 'invited' | 'active'
  since: string
  /** The first day on which it holds no more. */
  ends_on: string
  invitation: string | null
}

export type CopyState = 'valid' | 'expired' | 'withdrawn'

export interface Copy {
  id: string
  code: string
  licence_id: string
  type_code: string
  type_name: string
  purpose: string
  user: string
  created_at: string
  expires_at: string
  state: CopyState
  state_label: string
}

/** What anyone who holds a copy may know of it. */
export interface CopyCheck {
  state: CopyState | 'licence_invalid' | 'unconfirmed'
  state_label: string
  type_name: string
  issuer: string
  holder: string
  purpose: string
  user: string
  created_at: string
  expires_at: string
}
