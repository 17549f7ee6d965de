# read-report.py DIRECTORY: goes through a report as a reader would.
import os
import sys

from browser import Browser

browser = Browser()
try:
    directory = os.path.abspath(sys.argv[1])
    browser.open("file://" + directory + "/index.html")
    shown = "[...document.querySelectorAll('#findings tbody tr')].filter(r => !r.hidden).length"
    print("title:", browser.value("document.title"))
    print("shown:", browser.value(shown))

    # Filters; what they are set to is in the address.
    browser.key("/")
    browser.type("other")
    print("search:", browser.value(shown), browser.value("location.hash"))
    browser.key("Escape")
    browser.click("button[type=reset]")
    browser.value("new Promise(done => setTimeout(done, 50))")
    print("cleared:", browser.value(shown))
    browser.value("location.hash = 'check=pinlint-leak&dir=sub'")
    browser.reload()
    print("address:", browser.value(shown), browser.value("document.querySelector('#shown').textContent"))
    browser.click("button[type=reset]")
    browser.value("new Promise(done => setTimeout(done, 50))")

    # Into a finding, along its path, and back, by keys.
    browser.key("j")
    browser.key("Enter", navigates=True)
    print("finding:", browser.value("document.title"))
    current = "(document.querySelector('.path [aria-current]') || {}).hash"
    print("start:", browser.value(current))
    for key in "jjkGg":
        browser.key(key)
        print(key + ":", browser.value(current), browser.value("document.querySelector('.step.now').id"))
    print("visible:", browser.value(
        "(r => r.top >= 0 && r.bottom <= innerHeight)(document.querySelector('.step.now').getBoundingClientRect())"))
    print("held:", browser.value("document.querySelector('.step .held').textContent"))
    browser.key("]", navigates=True)
    print("next:", browser.value("document.querySelector('.top nav .hint').textContent"))
    browser.key("e")
    print("unfolded:", browser.value("[...document.querySelectorAll('.fold')].every(d => d.open)"))
    browser.key("u", navigates=True)
    print("back:", browser.value("document.title"))

    # Light and dark.
    back = "getComputedStyle(document.body).backgroundColor"
    before = browser.value(back)
    browser.key("t")
    print("theme changes:", browser.value(back) != before)

    # Whatever can be used has a name to call it by.
    tree = browser.call("Accessibility.getFullAXTree")["nodes"]
    used = {"button", "link", "searchbox", "combobox"}
    unnamed = [n for n in tree if n.get("role", {}).get("value") in used and not n.get("name", {}).get("value")]
    print("unnamed:", len(unnamed))
    print("complaints:", browser.complaints())
finally:
    browser.close()
