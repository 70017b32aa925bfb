import type { GuideStep, RunStep } from '@/api/oneThingTypes'

const UNITS: Record<GuideStep['promise_unit'], string> = { workday: '个工作日', day: '天', month: '个月' }

/** “当场办好”, “5 个工作日”. */
export function promiseWords(step: GuideStep): string {
  return step.promise_days === 0 ? '当场办好' : `${step.promise_days} ${UNITS[step.promise_unit]}`
}

/** Names of the steps that come before one, of those that are done. */
export function afterWords(step: GuideStep, parts: readonly GuideStep[], chosen: readonly string[]): string {
  const names = parts.filter((one) => step.after.includes(one.code) && chosen.includes(one.code)).map((one) => one.title)
  return names.length > 0 ? `“${names.join('”“')}”办好后自动接着办` : '提交后马上办'
}

/** State of a step as the mark of a case shows it. */
export function stepState(step: RunStep): { state: string; label: string } {
  if (step.case) return { state: step.case.state, label: step.case.state_label }
  if (step.state === 'draft') return { state: 'correction', label: '等您补充' }
  if (step.state === 'ended') return { state: 'withdrawn', label: '没有办理' }
  return { state: 'waiting', label: '等前一步' }
}

/** Whether a step came to a good end. */
export function isDone(step: RunStep): boolean {
  return step.case?.result?.decision === 'approved'
}
