import type { EnterpriseDetail } from '@/api/types'
import { daysUntil } from './format'

export interface Matter {
  title: string
  why: string
  /** What is searched for among the guides. */
  q: string
}

/** By the first letters of GB/T 4754: what such a business has to see to, in the guides' everyday words. */
const OF_INDUSTRY: readonly [RegExp, readonly Matter[]][] = [
  [/^H62/, [{ title: '食品经营许可证续办', why: '餐饮业', q: '食品经营许可' }, { title: '卫生许可', why: '餐饮业', q: '卫生许可' }]],
  [/^F5[12]/, [{ title: '食品经营许可和备案', why: '批发零售', q: '食品经营许可' }, { title: '计量器具强检', why: '批发零售', q: '计量器具' }]],
  [/^[CD]/, [{ title: '特种设备使用登记', why: '制造业', q: '电梯、锅炉' }, { title: '员工工伤认定', why: '制造业', q: '工伤认定' }]],
  [/^[GM]/, [{ title: '提高开票限额', why: '按行业推荐', q: '提高开票限额' }]],
  [/^I/, [{ title: '考技能证书领补贴', why: '信息技术', q: '技能证书' }]],
  [/^Q/, [{ title: '诊所备案', why: '卫生', q: '诊所备案' }, { title: '医保定点', why: '卫生', q: '医保定点' }]],
  [/^O/, [{ title: '卫生许可', why: '居民服务', q: '卫生许可' }]],
  [/^E/, [{ title: '工程规划许可', why: '建筑业', q: '规划许可' }]],
  [/^A/, [{ title: '建厂房、盖楼规划许可', why: '农林牧渔', q: '规划许可' }]],
]
const BEGINNING: readonly Matter[] = [
  { title: '税务报到、领发票', why: '开办第一年', q: '税务报到' },
  { title: '开社保户', why: '开办第一年', q: '单位开社保户' },
  { title: '开公积金户', why: '开办第一年', q: '单位开公积金户' },
]
const RUNNING: readonly Matter[] = [
  { title: '报年报', why: '每年 6 月 30 日前', q: '年报' },
  { title: '员工社保增减员', why: '日常经营', q: '员工社保' },
  { title: '变更登记', why: '改名、换法人、搬家', q: '公司变更' },
]
const ENDING: readonly Matter[] = [
  { title: '简易注销', why: '不再经营', q: '简易注销' },
  { title: '清税', why: '注销之前', q: '注销清税' },
]
const MOST = 5
const YEAR_DAYS = 365

/** Matters for an enterprise: by its stage (first year, running, no longer in business) and industry. */
export function mattersOf(one: Pick<EnterpriseDetail, 'status' | 'established_on' | 'industry'>, now: number = Date.now()): Matter[] {
  if (!/存续|在业|开业/.test(one.status)) return [...ENDING]
  const young = one.established_on !== null && -daysUntil(one.established_on, now) < YEAR_DAYS
  const code = typeof one.industry === 'string' ? '' : (one.industry?.code ?? '')
  const ofIndustry = OF_INDUSTRY.find(([pattern]) => pattern.test(code))?.[1] ?? []
  return [...(young ? BEGINNING : []), ...ofIndustry, ...RUNNING].slice(0, MOST)
}
