"""Insurance XML: the GIAMDINHHS files of QĐ 130, QĐ 4750 and QĐ 3176 (hồ sơ giám định BHYT)."""
