import type { NamedField, Reading, Usage } from '@/api/types'
import { dayText } from './format'
import { outcome, type Outcome } from './sharing'
import { labelOf, verifierWords } from './showing'

/** One line of a log that a person reads about themselves: who looked at what, why, and how it came about. */
export interface LogEntry {
  id: string
  at: string
  icon: string
  who: string
  /** What kind of reader it was, or its official name; empty where the name says it. */
  about: string
  seen: string
  name: string
  fields: { key: string; text: string }[]
  /** What was seen where no single fact was. */
  nothing: string
  rows: { label: string; value: string; number?: boolean }[]
  result: Outcome | null
}

const named = (fields: readonly NamedField[], words: (field: NamedField) => string) => fields.map((field) => ({ key: field.name, text: words(field) }))

/** One reading of the person's data by a department. */
export function readingEntry(reading: Reading): LogEntry {
  const who = reading.system.name || reading.department
  return {
    id: reading.id,
    at: reading.at,
    icon: 'landmark',
    who,
    about: reading.department === who ? '' : reading.department,
    seen: '查了您的',
    name: reading.resource.name,
    fields: named(reading.fields, (field) => field.label || field.name),
    nothing: '',
    rows: [
      { label: '为了什么', value: reading.purpose },
      { label: '哪件事', value: reading.case_no ? `办件号 ${reading.case_no}` : '没有写明是哪件事' },
      { label: '依据', value: reading.legal_basis },
    ].filter((row) => row.value),
    result: outcome(reading.result),
  }
}

/** One look at a licence. */
export function usageEntry(usage: Usage): LogEntry {
  const kind = verifierWords(usage.verifier_kind)
  return {
    id: usage.id,
    at: usage.at,
    icon: kind.icon,
    who: usage.verifier,
    about: kind.text,
    seen: '看了您的',
    name: usage.licence_type.name,
    fields: named(usage.fields, labelOf),
    nothing: '只看到是否有效',
    rows: [
      { label: '用来', value: usage.purpose },
      { label: '方式', value: usage.how_label },
      { label: '回执编号', value: usage.id, number: true },
    ],
    result: null,
  }
}

export interface LogDay {
  title: string
  entries: LogEntry[]
}

/** Entries under the day on which they were, in the order in which they come. */
export function logDays(entries: readonly LogEntry[], now: number = Date.now()): LogDay[] {
  const days: LogDay[] = []
  for (const entry of entries) {
    const title = dayText(entry.at, now) || '时间不详'
    const last = days[days.length - 1]
    if (last?.title === title) last.entries.push(entry)
    else days.push({ title, entries: [entry] })
  }
  return days
}

/** What a log of looks is narrowed by, as the gateway takes it. */
export interface UsageFilters {
  licence?: string
  verifier_kind?: string
  since?: string
  words?: string
}

/** Only what is chosen; `days` back from now, 0 for all. */
export function usageFilters(licence: string, kind: string, days: number, words: string, now: number = Date.now()): UsageFilters {
  return {
    ...(licence ? { licence } : {}),
    ...(kind ? { verifier_kind: kind } : {}),
    ...(days > 0 ? { since: new Date(now - days * 86_400_000).toISOString() } : {}),
    ...(words ? { words } : {}),
  }
}
