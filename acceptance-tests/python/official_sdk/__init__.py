"""The official Python SDK of the cloud, unpatched, against a running simulator.

One file per noun; each test is a claim about what a user of the SDK sees. Run it by hand against any simulator:

    cd acceptance-tests/python
    CLB_ENDPOINT=http://127.0.0.1:9000 TENCENTCLOUD_SECRET_ID=... TENCENTCLOUD_SECRET_KEY=... python -m official_sdk

A name after it picks a file, a class or a test: `python -m official_sdk listener.Listeners`.
"""
