import type { Acting } from './memberTypes'
/** Answers of the gateway, `/api/v1`. Field names are the gateway's own (snake_case). */
export * from './catalogueTypes'
export * from './sharingTypes'
export * from './showingTypes'

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

/** Real-name level: 0 WeChat only · 1 phone · 2 self-declared · 3 name + number · 4 face · 5 certificate. */
export type Level = 0 | 1 | 2 | 3 | 4 | 5

export interface CodeName {
  code: string
  name: string
}

// ---------------------------------------------------------------- public

export interface DemoPerson {
  name: string
  phone: string
  id_number: string
  says: string
}

export interface Bootstrap {
  name: string
  sandbox: boolean
  home_region: CodeName
  privacy: { version: string }
  face_notice: { version: string }
  hotline: string
  wechat: { enabled: boolean }
  demo_people?: DemoPerson[]
  /** Absent when no system has announced anything. */
  maintenance?: Maintenance[]
}

/** When a provincial system will be down, as it announced beforehand. */
export interface Maintenance {
  system: string
  starts_at: string
  ends_at: string
  words: string
}

export type AgreementKind = 'privacy' | 'face'

export interface Agreement {
  kind: AgreementKind
  version: string
  title: string
  effective_from: string
  sections: { heading: string; paragraphs: string[] }[]
}

export interface Region {
  code: string
  name: string
  level: 1 | 2 | 3 | 4 | 5
  parent_code: string | null
  has_children: boolean
}

export interface RegionWithPath extends Region {
  path: CodeName[]
}

// ---------------------------------------------------------------- sessions and me

export type Platform = 'h5' | 'mp-weixin'

export interface Device {
  key: string
  name: string
  platform: Platform
}

export interface SmsCode {
  expires_in: number
  resend_after: number
  sandbox_code: string | null
}

export type ConsentKind = 'privacy' | 'face'

export interface Consent {
  kind: ConsentKind
  version: string
  given_at: string
}

export interface Me {
  id: string
  level: Level
  name: string | null
  phone: string | null
  id_number: string | null
  wechat: boolean
  elder: boolean
  region_code: string | null
  consents: Consent[]
}

export interface Tokens {
  access_token: string
  access_expires_in: number
  refresh_token: string
  refresh_expires_in: number
  level: Level
  person: Me
}

export interface LevelAnswer {
  level: Level
  person: Me
  /** To be used from now on when the session went over to an older account of the same person. */
  tokens: Tokens | null
}

export interface SessionRow {
  id: string
  device_name: string
  platform: Platform
  current: boolean
  created_at: string
  last_seen_at: string
}

export interface FaceKey {
  user_id_key: string
  expires_in: number
}

export interface FaceTicket {
  verify_id: string
  expires_in: number
}

// ---------------------------------------------------------------- home, wallet, messages

export type SourceStatus = 'fresh' | 'stale' | 'unavailable' | 'none'
export type SectionStatus = SourceStatus | 'locked'

export interface Todo {
  kind: string
  title: string
  text: string
  due: string | null
  link: { page: string; id?: string }
}

export interface Headline {
  label: string
  value: string
  unit: string
}

export interface SectionLicence {
  id: string
  name: string
  hue: Hue
  status_label: string
}

export interface SectionMessage {
  id: string
  title: string
  created_at: string
  read: boolean
}

interface SectionBase {
  code: string
  title: string
  status: SectionStatus
  as_of: string | null
  source: CodeName | null
  reason: string | null
  /** What is going on at the source, in a sentence of its own; absent when there is nothing to say. */
  note?: string | null
  required_level: Level | null
  headline: Headline | null
  lines: { label: string; value: string }[]
  count: number | null
}

export interface AccountSection extends SectionBase {
  kind: 'account'
  items: unknown[]
}

export interface LicencesSection extends SectionBase {
  kind: 'licences'
  items: SectionLicence[]
}

export interface MessagesSection extends SectionBase {
  kind: 'messages'
  items: SectionMessage[]
}

export type Section = AccountSection | LicencesSection | MessagesSection

export interface Home {
  as_of: string
  greeting: string
  todo: Todo[]
  sections: Section[]
}

export type Hue = 'blue' | 'green' | 'red' | 'gold' | 'teal' | 'purple' | 'slate'

export type LicenceStatus =
  | 'VALID'
  | 'SUSPENDED'
  | 'LOST'
  | 'EXPIRED'
  | 'REVOKED'
  | 'CANCELLED'
  | 'FORFEITED'
  | 'SUPERSEDED'
  | 'TRANSFERRED'

export interface LicenceCard {
  id: string
  type_code: string
  name: string
  number: string
  holder: string
  issuer: string
  status: LicenceStatus
  status_label: string
  valid_to: string | null
  hue: Hue
  freshness: 'fresh' | 'stale'
  as_of: string
  source: string
}

export interface WalletSource {
  code: string
  name: string
  status: SourceStatus
  as_of: string | null
  /** What is going on there, in a sentence of its own; absent when there is nothing to say. */
  note?: string | null
}

export interface Wallet {
  as_of: string
  items: LicenceCard[]
  sources: WalletSource[]
}

export interface LicenceField {
  name: string
  label: string
  value: string
  sensitive: boolean
}

export interface LicenceDetail extends LicenceCard {
  valid_from: string | null
  issue_date: string | null
  version: string
  identifier: string
  /** How long a phone without a network may show it; null: its type forbids keeping it. */
  keep_until: string | null
  fields: LicenceField[]
}

export interface Revealed {
  field: string
  value: string
}

export interface Message {
  id: string
  topic: string
  topic_name: string
  title: string
  text: string
  /** Page of the app that goes on; may be empty. */
  link: string
  created_at: string
  read: boolean
}

export interface MessagePage extends Page<Message> {
  unread: number
}

// ---------------------------------------------------------------- enterprise

export type EnterpriseKind = 'enterprise' | 'individual' | 'cooperative'

/** For whom one may act, and as what. */
export interface EnterpriseCard extends Acting {
  uscc: string
  name: string
  kind: EnterpriseKind
  /** Null while the register is silent. */
  status: string | null
}

export interface EnterpriseList {
  items: EnterpriseCard[]
  source_status: 'fresh' | 'stale' | 'unavailable'
}

export interface EnterpriseDetail {
  uscc: string
  name: string
  kind: EnterpriseKind
  status: string
  legal_representative: string
  region_code: string
  address: string
  established_on: string | null
  registered_capital: number | null
  industry: CodeName | string | null
  sections: Section[]
  wallet: Wallet
  acting: Acting
}
