"""A camera of somebody else's making: GStreamer's RTSP server, which plays a film from the moment somebody asks for it.

usage: gst_rtsp_server.py PORT FILE      at rtsp://127.0.0.1:PORT/film; H.264 in MP4

Run by the Python that has GStreamer's bindings. Needs gstreamer1.0-plugins-good, -plugins-bad, gir1.2-gst-rtsp-server-1.0 and python3-gi.
"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
server = GstRtspServer.RTSPServer(service=sys.argv[1], address="127.0.0.1")
factory = GstRtspServer.RTSPMediaFactory(shared=True)
factory.set_launch(f"( filesrc location={sys.argv[2]} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 )")
server.get_mount_points().add_factory("/film", factory)
server.attach(None)
GLib.MainLoop().run()
