"""A WeChat server for the sandbox: the paths, methods and error codes of api.weixin.qq.com."""
