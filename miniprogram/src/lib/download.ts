import { isH5 } from '@/platform'

/** What uni-app has no types for. */
declare const wx: {
  env: { USER_DATA_PATH: string }
  shareFileMessage(options: { filePath: string; success(): void; fail(): void; complete(): void }): void
}

/**
 * Let the person keep a file. WeChat opens no tables, so there the address is copied for a browser,
 * and said when it cannot be copied.
 */
export function keepFile(address: string, name: string, say: (words: string) => void): void {
  if (isH5) {
    const link = document.createElement('a')
    link.href = address
    link.download = name
    document.body.append(link)
    link.click()
    link.remove()
    return
  }
  uni.setClipboardData({
    data: address,
    showToast: false,
    success: () => say('下载地址已复制，请在浏览器中打开'),
    fail: () => say(`请在浏览器中打开 ${address}`),
  })
}

/**
 * Let the person keep a table that was fetched with their session. WeChat has no place of its own for
 * files: there it is handed to a chat, such as the person's own file transfer.
 */
export function keepTable(text: string, name: string, say: (words: string) => void): void {
  // The mark by which spreadsheets know UTF-8 is lost on the way.
  const content = text.startsWith('\ufeff') ? text : `\ufeff${text}`
  if (isH5) {
    const address = URL.createObjectURL(new Blob([content], { type: 'text/csv' }))
    keepFile(address, name, say)
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
    return
  }
  const path = `${wx.env.USER_DATA_PATH}/${name}`
  const drop = () => uni.getFileSystemManager().unlink({ filePath: path })
  uni.getFileSystemManager().writeFile({
    filePath: path,
    data: content,
    encoding: 'utf8',
    success: () => wx.shareFileMessage({ filePath: path, success: () => say('已发送'), fail: () => say('没有发送，文件没有留在手机上'), complete: drop }),
    fail: () => say('没有导出成功，请稍后再试'),
  })
}

/**
 * Let the person keep a PDF that was fetched with their session. WeChat opens it, with a menu from
 * which it is saved or handed on.
 */
export function keepPdf(content: ArrayBuffer, name: string, say: (words: string) => void): void {
  if (isH5) {
    const address = URL.createObjectURL(new Blob([content], { type: 'application/pdf' }))
    keepFile(address, name, say)
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
    return
  }
  const path = `${wx.env.USER_DATA_PATH}/${name}`
  const failed = () => say('没有打开，请稍后再试')
  uni.getFileSystemManager().writeFile({
    filePath: path,
    data: content,
    success: () => uni.openDocument({ filePath: path, fileType: 'pdf', showMenu: true, fail: failed }),
    fail: failed,
  })
}
