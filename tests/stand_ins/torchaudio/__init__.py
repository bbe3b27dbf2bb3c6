"""Stands in for torchaudio, which encodec and descript-audiotools import and which no test uses.

Its newest release is built for an older torch than the tests run with, and cannot be loaded beside
it. Only what is imported has to be there.
"""
