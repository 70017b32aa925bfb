/** What departments share with each other: who read a person's data, and what there is to share. */
import type { CodeName, Page } from './types'

export interface NamedField {
  name: string
  label: string
}

/** One call by which a department got (or did not get) something about the person who asks. */
export interface Reading {
  id: string
  at: string
  /** The system that called, and the department that it belongs to. */
  system: CodeName
  department: string
  resource: CodeName
  fields: NamedField[]
  purpose: string
  legal_basis: string
  case_no: string | null
  /** `read`, `none` (there was no record) or `failed` (its owner gave no answer). */
  result: string
}

export type ReadingPage = Page<Reading>

/** 共享属性: 1 无条件共享, 2 有条件共享, 3 不予共享. */
export type ShareType = 1 | 2 | 3

/** Which system provides a resource, and of which department it is. */
export interface DataProvider {
  system: string
  name: string
}

export interface DataResourceCard {
  code: string
  /** The code as it stands in addresses, without a slash. */
  address_code: string
  name: string
  summary: string
  provider: DataProvider
  share_type: ShareType
  /** The law by which it is not shared. */
  share_ground: string | null
  update_cycle: string
}

export interface DataResourcePage extends Page<DataResourceCard> {
  total: number
}

export interface DataItem extends NamedField {
  type: string
}

export interface DataResource extends DataResourceCard {
  category: string
  items: DataItem[]
  /** With whom, for what, on what terms: of those that are shared under conditions. */
  share_conditions: { scope: string; use: string; terms: string } | null
  share_modes: string[]
  open_type: string
  /** 数据分级, 1 (lowest) to 4. */
  level: number
}
