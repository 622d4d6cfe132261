"""Reads gzip files of JSON lines in one of three ways, parses each line, and prints it again as JSON.

    read_export.py gzip|zlib|stream FILE...
"""
import gzip
import json
import sys
import zlib

CHUNK_BYTES = 1000


def by_gzip(file):
    return gzip.decompress(file.read())


def by_zlib(file):
    member = zlib.decompressobj(31)
    data = member.decompress(file.read())
    assert member.eof and not member.unused_data, "there is more than one gzip member"
    return data


def by_stream(file):
    member = zlib.decompressobj(31)
    parts = [member.decompress(chunk) for chunk in iter(lambda: file.read(CHUNK_BYTES), b"")]
    assert member.eof and not member.unused_data, "there is more than one gzip member"
    return b"".join(parts)


way = {"gzip": by_gzip, "zlib": by_zlib, "stream": by_stream}[sys.argv[1]]
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        data = way(file)
    for line in data.decode("utf-8").split("\n")[:-1]:
        print(json.dumps(json.loads(line)))
