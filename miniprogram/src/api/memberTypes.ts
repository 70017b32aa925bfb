/** Who acts for an enterprise (成员与授权), and as what. */
export type CorpRole = 'LEGAL_REP' | 'ADMINISTRATOR' | 'AGENT'
export type CorpScope = 'view' | 'cases.read' | 'cases.apply' | 'licences' | 'policies' | 'members' | 'machines' | 'administrators'

/** As what somebody acts for an enterprise, and in what. */
export interface Acting {
  role: CorpRole
  scopes: CorpScope[]
  /** Codes of the only service items; none for all. */
  items: string[]
  /** The last day, YYYY-MM-DD; null for none. */
  ends_on: string | null
  /** When it ends at the latest, of whoever showed the electronic business licence in this session. */
  ends_at: string | null
  /** How many applications they may still file; null for any number. */
  cases_left: number | null
}

/** A member or an open invitation; name and phone are masked. */
export interface CorpMember {
  id: string
  uscc: string
  enterprise_name: string
  role: 'ADMINISTRATOR' | 'AGENT'
  state: 'invited' | 'active'
  name: string
  phone: string
  scopes: CorpScope[]
  items: { code: string; name: string }[]
  ends_on: string | null
  expired: boolean
  created_at: string
  accepted_at: string | null
  expires_at: string | null
  /** They showed the electronic business licence; it ends by `ends_at`. */
  by_licence: boolean
  ends_at: string | null
  /** How many applications an agent may file in all, null for any number, and how many they have filed. */
  most_cases: number | null
  cases_filed: number
}

/** Somebody who was taken out and may not come in by electronic business licence. */
export interface LicenceBar {
  id: string
  name: string
  phone: string
  barred_at: string
}

/** Who answers for an enterprise (服务专员), the nearest first. */
export interface ServiceContacts {
  items: { name: string; title: string; department_name: string; phone: string; helps_with: string; hours: string }[]
}

/** A program of an enterprise (软件接入), known by its public key. */
export interface MachineClient {
  id: string
  name: string
  key_id: string
  alg: 'ed25519' | 'sm2'
  scopes: CorpScope[]
  daily_quota: number
  created_at: string
}
