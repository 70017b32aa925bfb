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
  result: string
}

export type ReadingPage = Page<Reading>

/** 共享属性: 1 无条件共享, 2 有条件共享, 3 不予共享. */
export type ShareType = 1 | 2 | 3
