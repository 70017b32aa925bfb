import type { ShareType } from '@/api/types'

export interface Outcome {
  icon: string
  mood: 'given' | 'nothing'
  text: string
}

const OUTCOMES: Record<string, Outcome> = {
  read: { icon: 'circle-check', mood: 'given', text: '已提供给这个部门' },
  none: { icon: 'circle-minus', mood: 'nothing', text: '没有查到您的记录，没有提供数据' },
  failed: { icon: 'circle-x', mood: 'nothing', text: '没有查成，没有提供数据' },
}

/**
 * What came of a reading, for the person: whether something about them was handed over. A result that
 * is not known here counts as handed over, because nobody may be told less than what happened.
 */
export function outcome(result: string): Outcome {
  return OUTCOMES[result] ?? OUTCOMES.read
}

export interface ShareWords {
  value: ShareType
  /** Everyday words, and the official ones. */
  plain: string
  official: string
  icon: string
  mood: 'open' | 'terms' | 'shut'
}

/** 共享属性 in everyday words. */
export const SHARE_TYPES: readonly ShareWords[] = [
  { value: 1, plain: '各部门都能直接用', official: '无条件共享', icon: 'circle-check', mood: 'open' },
  { value: 2, plain: '符合条件才能用', official: '有条件共享', icon: 'key-round', mood: 'terms' },
  { value: 3, plain: '不共享', official: '不予共享', icon: 'lock', mood: 'shut' },
]

export function shareWords(type: ShareType): ShareWords {
  return SHARE_TYPES.find((one) => one.value === type) ?? SHARE_TYPES[2]
}

const CYCLES: Record<string, string> = {
  realtime: '实时更新',
  daily: '每天更新',
  weekly: '每周更新',
  monthly: '每月更新',
  quarterly: '每季度更新',
  yearly: '每年更新',
  on_demand: '有变化时更新',
}
const OPENINGS: Record<string, string> = {
  unconditional: '任何人都可以取用',
  conditional: '符合条件的单位和个人可以申请取用',
  disallowed: '不向社会开放',
}
const MODES: Record<string, string> = { interface: '逐次查询', batch: '成批交换', file: '文件交付' }
const CATEGORIES: Record<string, string> = { base: '基础信息', theme: '主题信息', department: '部门信息' }
const ITEM_TYPES: Record<string, string> = {
  text: '文字',
  integer: '整数',
  number: '数字',
  money: '金额',
  date: '日期',
  month: '年月',
  datetime: '日期和时间',
  boolean: '是或否',
}

/** The word of a code; the code itself where it is not known, so that nothing is hidden. */
export const cycleText = (code: string): string => CYCLES[code] ?? code
export const openingText = (code: string): string => OPENINGS[code] ?? code
export const categoryText = (code: string): string => CATEGORIES[code] ?? code
export const itemTypeText = (code: string): string => ITEM_TYPES[code] ?? code
export const modesText = (codes: readonly string[]): string => codes.map((code) => MODES[code] ?? code).join('、')
