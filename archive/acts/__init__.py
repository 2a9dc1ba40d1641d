"""Acts (nghiệp vụ lưu trữ): everything that changes the archive's state, one JSON object each, one
file a kind.
"""
