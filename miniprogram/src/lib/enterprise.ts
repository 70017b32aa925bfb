import type { EnterpriseDetail, EnterpriseKind, LicenceCard, Section } from '@/api/types'
import { daysUntil, dueText } from './format'
import { licenceState } from './licence'

const KINDS: Record<EnterpriseKind, string> = { enterprise: '企业', individual: '个体工商户', cooperative: '农民专业合作社' }

export function kindName(kind: EnterpriseKind): string {
  return KINDS[kind] ?? '经营主体'
}

/** A unified social credit code in groups that can be read aloud. */
export function groupedUscc(uscc: string): string {
  return uscc.replace(/^(.{2})(.{6})(.{9})(.)$/, '$1 $2 $3 $4')
}

/** “500 万元”, without digits that say nothing. */
export function capitalText(capital: number | null): string {
  return capital === null ? '' : `${capital.toLocaleString('zh-CN', { maximumFractionDigits: 4 })} 万元`
}

export interface EnterpriseTodo {
  key: string
  title: string
  text: string
  due: string
  /** What is searched for among the guides, to see how it is done. */
  q: string
  /** Of the licence that it is about; empty for a date of an account. */
  licenceId: string
}

/** Where an account is called otherwise than what is done for it: paying tax begins with declaring it. */
const GUIDES: Record<string, string> = { 纳税: '报税' }
/** How many days before a date of an account it is something to see to. */
const DUE_SOON_DAYS = 30

function licenceTodo(card: LicenceCard, now: number): EnterpriseTodo[] {
  const { mood, label } = licenceState(card, now)
  if (mood === 'valid') return []
  const due = card.valid_to && (mood === 'soon' || card.status === 'EXPIRED') ? dueText(card.valid_to, now) : ''
  const text = { soon: '快到期了，请及时换证', halted: `目前${label}，不能使用`, ended: `${label}，需要补换` }[mood]
  return [{ key: card.id, title: card.name, text, due, q: card.name, licenceId: card.id }]
}

/** “2026年6月30日” as 2026-06-30; empty for anything else. */
function isoDate(words: string): string {
  const found = /^(\d{4})年(\d{1,2})月(\d{1,2})日$/.exec(words)
  return found ? `${found[1]}-${found[2].padStart(2, '0')}-${found[3].padStart(2, '0')}` : ''
}

/** Dates by which something is due: those that come soon, and those missed of what is still open. */
function sectionTodo(section: Section, now: number): EnterpriseTodo[] {
  const state = section.headline?.value ?? ''
  return section.lines.flatMap((line) => {
    const date = line.label.includes('截止') ? isoDate(line.value) : ''
    const days = date ? daysUntil(date, now) : NaN
    const missed = days < 0 && /逾期|未/.test(state)
    if (!missed && !(days >= 0 && days <= DUE_SOON_DAYS)) return []
    const text = missed ? `${section.headline?.label ?? ''}${state}，请尽快办理` : `${line.label} ${line.value}`
    return [{ key: `${section.code}:${line.label}`, title: section.title, text, due: dueText(date, now), q: GUIDES[section.title] ?? section.title, licenceId: '' }]
  })
}

/** What an enterprise has to see to, from what its page shows: dates that are due, licences that end. */
export function enterpriseTodos(detail: EnterpriseDetail, now: number = Date.now()): EnterpriseTodo[] {
  return [
    ...detail.sections.flatMap((section) => sectionTodo(section, now)),
    ...detail.wallet.items.flatMap((card) => licenceTodo(card, now)),
  ]
}

/** Sections that show accounts; those without a record are named together. */
export function splitSections(sections: Section[]) {
  const accounts = sections.filter((section) => section.kind === 'account')
  return {
    shown: accounts.filter((section) => section.status !== 'none'),
    absent: accounts.filter((section) => section.status === 'none'),
  }
}

export function industryName(industry: EnterpriseDetail['industry']): string {
  return typeof industry === 'string' ? industry : (industry?.name ?? '')
}
