"""The socket of a service manager: prints what services say, a line each. usage: manager.py SOCKET"""
import os
import socket
import sys

place = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
place.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
while True:
    print(place.recv(4096).decode(), flush=True)
