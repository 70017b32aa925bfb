import { longDate } from '@/lib/format'
import type { Evaluation, Ticket } from '@/api/voiceTypes'

/** Words and icons of levels and states; colour is never the only sign. */
export const LEVEL_WORDS: Record<number, string> = { 1: '非常满意', 2: '满意', 3: '基本满意', 4: '不满意', 5: '非常不满意' }

export const isBad = (level: number): boolean => level >= 4

type OrderStage = NonNullable<Evaluation['order']>

const ORDERS: Record<OrderStage, string> = {
  waiting: '已收到，正在派发给有关部门',
  assigned: '有关部门正在核实整改',
  answered: '已有整改结果，请您确认是否满意',
  heard: '平台正在复核',
  closed: '已处理完毕',
}

export function orderText(one: Evaluation): string {
  if (!one.order) return ''
  const until = one.order === 'assigned' && one.due_on ? `，最晚${longDate(one.due_on)}前反馈` : ''
  return `${ORDERS[one.order]}${until}`
}

/** What comes next for a ticket, and until when. */
export function nextOf(ticket: Ticket): string {
  const until = `${ticket.provisional ? '预计' : ''}最晚${longDate(ticket.due_on)}`
  if (ticket.state === 'submitted') return `正在确定由哪个部门办理，${until}交给它办`
  if (ticket.state === 'assigned') return `${ticket.department}正在办理，${until}答复${ticket.left !== null && ticket.left < 0 ? '；已超期，正在督办' : ''}`
  if (ticket.state === 'answered') return '已有答复，请看看是否解决了您的问题'
  return ticket.state === 'closed' ? '已办结' : '您已撤回'
}
