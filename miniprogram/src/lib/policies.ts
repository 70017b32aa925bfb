import type { Benefit, BenefitState } from '@/api/policyTypes'
import { longDate } from './format'

/** Where policies are asked for: an enterprise's, which one represents, or (without code) one's own. */
export const policiesAt = (uscc = '', rest = '') => {
  const door = uscc ? `/enterprise/enterprises/${encodeURIComponent(uscc)}/policies` : '/citizen/policies'
  return rest ? `${door}/${rest}` : door
}

/** In which the next step is the beneficiary's. */
const MINE: readonly BenefitState[] = ['offered', 'failed', 'recovering']

export const waitsForMe = (one: Benefit) => MINE.includes(one.state)

/** “100 元 · 2026 年 11 月” */
export function periodText(period: string): string {
  const month = /^(\d{4})-(\d{2})$/.exec(period)
  if (month) return `${month[1]}年${Number(month[2])}月`
  return /^\d{4}$/.test(period) ? `${period}年` : ''
}

/** What comes next for a benefit, in a sentence. */
export function nextStep(one: Benefit): string {
  const until = one.answer_by ? `，最晚${longDate(one.answer_by)}答复` : ''
  const words: Record<BenefitState, string> = {
    candidate: `${one.department}正在核验，通过后发消息给您，不用再跑`,
    refused: '核验没有通过。认为有误，可以请人再看一次',
    publicised: `正在公示${one.due_on ? `，到${longDate(one.due_on)}为止` : ''}；没有人提出异议，就请您确认`,
    offered: '请您确认收款账户，确认后就发放',
    declined: '您选择了不领。改主意了，可以再申请',
    paying: `已通知${one.department}发放，到账后告诉您`,
    failed: '没有发成，请换一个收款账户',
    paid: `已发到${one.account}`,
    objected: `公示期间有人提出异议，${one.department}正在核实${until}`,
    recovering: `${one.department}要求退回。不同意，可以提出异议`,
    contested: `您的异议正在处理，处理期间不用退${until}`,
    recovered: '已经退回',
  }
  return words[one.state]
}
