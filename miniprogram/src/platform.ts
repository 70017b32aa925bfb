/**
 * Which of the two builds this is. The build replaces the expression by a literal, so the branch of
 * the other platform is dropped from the bundle.
 */
export const isWeixin: boolean = process.env.UNI_PLATFORM === 'mp-weixin'
export const isH5: boolean = process.env.UNI_PLATFORM === 'h5'
