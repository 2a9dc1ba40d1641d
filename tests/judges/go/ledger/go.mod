module kho.tests/ledger

// The newest that Debian 12's Go (1.19) builds: v0.21 asks for 1.22.
go 1.18

require golang.org/x/mod v0.20.0
