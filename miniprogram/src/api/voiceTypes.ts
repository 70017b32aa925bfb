/** Messages, evaluations and consultations as the gateway answers them. */

export type Channel = 'wechat' | 'sms'

export interface TopicCount {
  topic: string
  name: string
  unread: number
}

export interface Unread {
  unread: number
  topics: TopicCount[]
}

export interface TopicChoice {
  topic: string
  name: string
  about: string
  /** Pushed in quiet hours too. */
  urgent: boolean
  channels: { channel: Channel; wanted: boolean }[]
  template: { template_id: string; long_term: boolean; remaining: number } | null
}

export interface MessagePreferences {
  topics: TopicChoice[]
  quiet: { on: boolean; start: string; end: string }
  /** Whether this log-in can receive WeChat messages. */
  wechat: boolean
  sms: boolean
}

export interface ServiceEvent {
  kind: string
  id: string
  title: string
  department: string
  item: string
  at: string
}

export interface EvaluationLevel {
  level: number
  words: string
  tags: { code: string; words: string }[]
}

export interface Evaluation {
  id: string
  event_kind: string
  title: string
  department: string
  level: number
  tags: string[]
  text: string
  anonymous: boolean
  given_on: string
  added_text: string
  can_add: boolean
  order: 'waiting' | 'assigned' | 'answered' | 'heard' | 'closed' | null
  due_on: string | null
  answer: string
  to_call_back: boolean
}

export interface TicketKind {
  code: string
  name: string
  about: string
  workdays: number
}

export interface ConsultationOptions {
  kinds: TicketKind[]
  departments: { uscc: string; name: string }[]
}

export interface TicketStep {
  at: string
  act: string
  name: string
  reason: string
}

export interface Ticket {
  ticket_no: string
  kind: string
  kind_name: string
  title: string
  content: string
  region: string
  secret: boolean
  department: string
  state: 'submitted' | 'assigned' | 'answered' | 'closed' | 'withdrawn'
  state_name: string
  reopened: number
  workdays: number
  due_on: string
  provisional: boolean
  left: number | null
  extended_workdays: number
  extension_reason: string
  overdue_workdays: number
  answer: string
  answered_at: string | null
  /** Names the answer while it waits for my judgement. */
  event_id: string | null
  satisfaction: number | null
  opinion: string
  created_at: string
  steps: TicketStep[]
}
