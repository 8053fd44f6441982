# /// script
#dependencies = ["rich"]
# ///
print("done")
