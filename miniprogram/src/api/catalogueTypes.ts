/** The catalogue's part of the answers: themes, departments, service items and their guides. */
import type { CodeName, Level, Page } from './types'

export type Audience = 'citizen' | 'enterprise'

export interface Theme {
  code: string
  name: string
  audience: Audience
  icon: string
  count: number
}

export interface Department {
  code: string
  name: string
  short_name: string
  count: number
}

export interface ItemCard {
  id: string
  task_code: string
  name: string
  plain_name: string
  department: CodeName
  audience: Audience[]
  themes: string[]
  region: CodeName
  available: boolean
  unavailable_reason: string | null
  online: boolean
  visits: number
  promise: string
  fee: boolean
  min_level: Level
  hot: boolean
}

export interface ItemPage extends Page<ItemCard> {
  total: number
  suggestion: string | null
}

export interface ItemMaterial {
  material_name: string
  material_type?: string
  material_format?: string
  source_type?: string
  source_explain?: string
  page_num?: number
  page_format?: string
  is_need?: string | boolean
  by_law?: string
  accept_stand?: string
  fill_explain?: string
  licence_type_code?: string | null
  exempt_by_share?: boolean
}

export interface ItemFee {
  fee_name: string
  fee_stand: string
  by_law?: string
  is_desc?: boolean
  desc_explain?: string
}

export interface ItemFlowStage {
  name: string
  [key: string]: unknown
}

/** Elements of a service item's guide, GB/T 39554.2 names. Every one may be absent. */
export interface ItemElements {
  task_name?: string
  catalog_code?: string
  task_code?: string
  task_type?: string
  by_law?: string
  use_level?: string
  task_version?: string
  dept_name?: string
  dept_code?: string
  entrust_name?: string
  anticipate_day?: number
  anticipate_type?: string
  anticipate_explain?: string
  promise_day?: number
  promise_type?: string
  promise_explain?: string
  accept_condition?: string
  handle_flow?: string
  special_procedure?: string
  is_fee?: boolean | string
  fee_basis?: string
  project_type?: string
  handle_type?: string | string[]
  limit_scene_num?: number
  limit_scene_explain?: string
  transact_addr?: string
  transact_time?: string
  link_way?: string
  supervise_way?: string
  result_name?: string
  handle_area?: string
  online_handle_depth?: string
  materials?: ItemMaterial[]
  fees?: ItemFee[]
  faqs?: { question: string; answer: string }[]
  flow?: ItemFlowStage[]
  [key: string]: unknown
}

export interface ItemDetail extends ItemCard {
  elements: ItemElements
}
