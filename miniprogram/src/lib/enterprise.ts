import type { EnterpriseDetail, EnterpriseKind, LicenceCard, Section } from '@/api/types'
import { dueText } from './format'
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
  licenceId: string
}

function licenceTodo(card: LicenceCard, now: number): EnterpriseTodo[] {
  const { mood, label } = licenceState(card, now)
  if (mood === 'valid') return []
  const due = card.valid_to && (mood === 'soon' || card.status === 'EXPIRED') ? dueText(card.valid_to, now) : ''
  const text = { soon: '快到期了，请及时换证', halted: `目前${label}，不能使用`, ended: `${label}，需要补换` }[mood]
  return [{ key: card.id, title: card.name, text, due, licenceId: card.id }]
}

/** What an enterprise has to see to, from what its page shows: licences that end, rest or have ended. */
export function enterpriseTodos(detail: EnterpriseDetail, now: number = Date.now()): EnterpriseTodo[] {
  return detail.wallet.items.flatMap((card) => licenceTodo(card, now))
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
