import type { Outcome, PolicyCard } from '@/api/policyTypes'

export const OUTCOMES: Record<Outcome, string> = { matched: '您符合', unknown: '还要核实', unmatched: '暂不符合' }

export const ICONS: Record<PolicyCard['benefit_kind'], string> = { money: 'banknote', service: 'hand-heart', reminder: 'bell' }

/** How one gets it, without the names that offices give it. */
export function howToGet(one: PolicyCard): string {
  if (one.benefit_kind === 'reminder') return '到时候提醒您，点“去办理”就能办。'
  if (one.benefit_kind === 'service') return one.link ? '点“去办理”，按指南办。' : '符合就能享受，不用申请。'
  if (one.kind === 'automatic') return '不用申请：系统比对、部门核验后，发消息请您确认收款账户。'
  if (one.kind === 'commitment') return '签一份承诺就能领，部门事后再核查。'
  return '点一下就能领，不用交材料。'
}
