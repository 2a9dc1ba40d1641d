"""The entry points (command line, REST API, web pages), and the exchange of packets with other
facilities.
"""
