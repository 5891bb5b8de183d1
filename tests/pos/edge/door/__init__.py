"""The doors: unchanged clients over real sockets and folders, an emulated device behind them."""
