"""OpenCV's own threads, which pictures of 320 px gain nothing from."""

import cv2


def use_one_thread() -> None:
    """Keep OpenCV to the calling thread: a gate PC has other work for its cores."""
    cv2.setNumThreads(1)
