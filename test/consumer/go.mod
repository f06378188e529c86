module omarty.net/consumer

go 1.26.0

require omarty.net/registry v0.0.0

replace omarty.net/registry => ../..
