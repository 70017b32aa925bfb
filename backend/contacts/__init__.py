"""服务专员: whom an enterprise may call, appointed by departments and districts."""
