"""Acts (nghiệp vụ lưu trữ): everything that changes the archive's state.

Each act is one JSON object; each kind has one file here.
"""
